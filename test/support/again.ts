/**
 * A random test that fails tells its seed and its path. FC_SEED=… FC_PATH=… npx vitest run FILE -t NAME runs that case
 * again; FC_SEED alone draws the same cases for every test.
 */
const { FC_SEED, FC_PATH } = process.env

if (FC_SEED !== undefined) {
  const { configureGlobal } = await import("fast-check")
  configureGlobal({ seed: Number(FC_SEED), ...(FC_PATH === undefined ? {} : { path: FC_PATH }) })
}
