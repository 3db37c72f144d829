/** Bytes of a movie box with all its tables: those of a day at 50 frames a second are half of it. */
export const MAX_MP4_MOVIE_BYTES: number = 128 * 1024 * 1024

/** Bytes of a movie fragment box, without its media. */
export const MAX_MP4_FRAGMENT_BYTES: number = 16 * 1024 * 1024

/** Top-level boxes that are passed over in search of the movie box. */
export const MAX_MP4_BOXES_BEFORE_MOVIE = 10_000

/** Boxes within another one: of a fragment, a muxer may write one for each sample. */
export const MAX_MP4_CHILD_BOXES = 10_000

/** Tracks that a movie may have. */
export const MAX_MP4_TRACKS = 64

/** Ways in which the samples of a track may be coded. */
export const MAX_MP4_SAMPLE_DESCRIPTIONS = 256

/** Samples of a track's table; a table of samples of one size can state any number of them. */
export const MAX_MP4_TRACK_SAMPLES: number = 2 ** 24

/**
 * Samples of one track in one movie fragment, and of all its other tracks, which are passed over; a run whose samples are all alike
 * can state any number of them.
 */
export const MAX_MP4_FRAGMENT_SAMPLES = 100_000

/** Edits of a track that are followed: for each of them its tables are looked through. */
export const MAX_MP4_EDITS = 1000

/** Samples in front of an edit that are needed to decode what it begins with: from the last keyframe on. */
export const MAX_MP4_PREROLL_SAMPLES = 10_000
