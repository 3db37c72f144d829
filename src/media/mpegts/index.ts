export * from './program.ts'
export * from './ts-muxer.ts'
