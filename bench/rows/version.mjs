export default {
  goal: "G1",
  name: "version",
  what: "cvmimg --version by node -e 0",
  most: 1.15,
  anchor: "the vendor's CLI 7.05, cdk 13.1, wrangler 19.4",
  measure: ({ cvmimg, ratio }) => ratio(cvmimg("--version")),
}
