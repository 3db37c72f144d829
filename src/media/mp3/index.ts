export { parseMp3FrameHeader } from './frame-header.ts'
