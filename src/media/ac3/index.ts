export { parseAc3SyncFrame } from './sync-frame.ts'
