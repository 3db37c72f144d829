export * from './file-source.ts'
export * from './paced-flv-file.ts'
