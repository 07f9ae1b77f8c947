export default {
  name: "help",
  what: "cvmimg --help by node -e 0",
  goal: 1.15,
  measure: ({ cvmimg, ratio }) => ratio(cvmimg("--help")),
}
