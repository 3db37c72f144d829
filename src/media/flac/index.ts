export { parseFlacStreamInfo } from './stream-info.ts'
