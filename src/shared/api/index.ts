export * from './commands.ts'
export * from './jobs.ts'
export * from './session.ts'
export * from './transport.ts'
