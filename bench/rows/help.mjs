export default {
  goal: "G1",
  name: "help",
  what: "cvmimg --help by node -e 0",
  most: 1.15,
  measure: ({ cvmimg, ratio }) => ratio(cvmimg("--help")),
}
