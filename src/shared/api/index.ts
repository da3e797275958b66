export * from './commands.ts'
export * from './session.ts'
export * from './transport.ts'
