export * from './file/index.ts'
export * from './pull/index.ts'
export * from './rtmp-publish.ts'
