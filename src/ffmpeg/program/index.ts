export * from './command.ts'
export * from './options.ts'
export * from './status.ts'
export * from './supervisor.ts'
