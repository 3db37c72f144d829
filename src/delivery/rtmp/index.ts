export * from './rtmp-play.ts'
