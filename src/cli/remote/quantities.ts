/** A time for people, e.g. `45s`, `12m03s`, `5h12m`, `3d04h`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const two = (value: number): string => String(value).padStart(2, '0')
  if (whole < 60) {
    return `${whole}s`
  }
  if (whole < 3600) {
    return `${Math.floor(whole / 60)}m${two(whole % 60)}s`
  }
  if (whole < 86_400) {
    return `${Math.floor(whole / 3600)}h${two(Math.floor((whole % 3600) / 60))}m`
  }
  return `${Math.floor(whole / 86_400)}d${two(Math.floor((whole % 86_400) / 3600))}h`
}

/** A bit rate for people, e.g. `0`, `840k`, `12.5M`, `3.2G`. @param kbps kbit/s */
export function formatRate(kbps: number): string {
  return kbps < 1 ? '0' : kbps < 1000 ? `${Math.round(kbps)}k` : scaled(kbps / 1000, 'M', 'G')
}

/** An amount of data for people, e.g. `512B`, `3.4K`, `12M`. */
export function formatBytes(bytes: number): string {
  return bytes < 1000
    ? `${bytes}B`
    : bytes < 1_000_000
      ? scaled(bytes / 1000, 'K')
      : scaled(bytes / 1e6, 'M', 'G', 'T')
}

function scaled(value: number, ...units: readonly string[]): string {
  let rest = value
  let index = 0
  while (rest >= 1000 && index < units.length - 1) {
    rest /= 1000
    index++
  }
  return `${rest < 100 ? rest.toFixed(1) : Math.round(rest)}${units[index] ?? ''}`
}
