/** A number that Apache holds as a double, so `1.0` and `2.5E7` where a long would be `1` and `25000000`. */
export class JavaDouble {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }

  toString(): string {
    return javaDouble(this.value)
  }
}

/** As java.lang.Double.toString writes it. */
export function javaDouble(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return value === 0 ? '0.0' : String(value)
  const size = Math.abs(value)
  if (size >= 1e-3 && size < 1e7) return withFraction(String(value))
  const [mantissa = '', exponent = ''] = value.toExponential().split('e')
  return `${withFraction(mantissa)}E${Number(exponent)}`
}

function withFraction(digits: string): string {
  return digits.includes('.') ? digits : `${digits}.0`
}
