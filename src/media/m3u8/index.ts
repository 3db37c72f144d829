export * from './media-playlist.ts'
