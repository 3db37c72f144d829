export * from './flv/index.ts'
export * from './hls/index.ts'
export * from './rtmp/index.ts'
