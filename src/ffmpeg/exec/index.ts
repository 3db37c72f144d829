export * from './exec-command.ts'
export * from './exec-service.ts'
export * from './options.ts'
