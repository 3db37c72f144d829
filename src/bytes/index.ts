export * from './bit-reader.ts'
export * from './byte-reader.ts'
export * from './byte-writer.ts'
export * from './crc32-mpeg.ts'
