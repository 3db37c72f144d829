export * from './file.ts'
export * from './rtmp-publish.ts'
