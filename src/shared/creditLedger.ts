/**
 * A door's own account of one screen's byte credit. A screen can only grant back what it was sent, so however large the grants that
 * it claims, what is under way to it never exceeds its first credit.
 */
export class CreditLedger {
  #outstanding = 0

  /** Bytes sent and not granted back yet. */
  get outstandingBytes(): number {
    return this.#outstanding
  }

  sent(bytes: number): void {
    this.#outstanding += bytes
  }

  /** @returns the part of the grant that counts; 0 for anything but a positive number */
  grant(bytes: number): number {
    const honoured = bytes > 0 ? Math.min(bytes, this.#outstanding) : 0
    this.#outstanding -= honoured
    return honoured
  }
}
