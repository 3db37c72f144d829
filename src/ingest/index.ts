export * from './file/index.ts'
export * from './rtmp-publish.ts'
