export * from './chunk-reader.ts'
export * from './chunk-writer.ts'
export * from './limits.ts'
export * from './message.ts'
