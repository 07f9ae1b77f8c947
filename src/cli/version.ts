/** The package's version; the build puts it in place of the variable. */
export const VERSION: string = process.env.CVMIMG_VERSION ?? "0.0.0-source"
