/** Archives of run bundles, treated as hostile until they are unpacked. */
export { unpackBundle, type UnpackOptions } from './unpackBundle.ts'
export type { UnpackLimits } from './unpackBudget.ts'
