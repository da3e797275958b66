/** The inside of a strategy's thread: small, and without native code. */
export { StrategyThread } from './strategyThread.ts'
