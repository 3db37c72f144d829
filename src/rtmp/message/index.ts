export * from './aggregate.ts'
export { amf0DataBody } from './amf3.ts'
export * from './command.ts'
export * from './control.ts'
