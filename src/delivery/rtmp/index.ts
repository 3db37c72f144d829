export * from './rtmp-format.ts'
export * from './rtmp-play.ts'
