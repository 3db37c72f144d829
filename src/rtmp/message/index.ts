export * from './command.ts'
export * from './control.ts'
