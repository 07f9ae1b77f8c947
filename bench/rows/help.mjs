export default {
  name: "help",
  what: "cvmimg --help by node -e 0",
  measure: ({ cvmimg, ratio }) => ratio(cvmimg("--help")),
}
