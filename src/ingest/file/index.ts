export * from './file-source.ts'
export * from './paced-file.ts'
