export function noteInputs(folder: string, paths: readonly string[]): void
export function isFresh(folder: string): boolean
