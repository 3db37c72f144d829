export { parseVp8KeyframeSize } from './frame-header.ts'
