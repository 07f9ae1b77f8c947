export default {
  name: "version",
  what: "cvmimg --version by node -e 0",
  goal: 1.15,
  measure: ({ cvmimg, ratio }) => ratio(cvmimg("--version")),
}
