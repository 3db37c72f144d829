export { MAX_PES_PACKET_LENGTH_BYTES } from './pes.ts'
export * from './program.ts'
export * from './ts-muxer.ts'
