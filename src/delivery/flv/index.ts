export * from './flv-format.ts'
export * from './flv-play.ts'
