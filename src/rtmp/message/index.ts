export * from './aggregate.ts'
export * from './command.ts'
export * from './control.ts'
