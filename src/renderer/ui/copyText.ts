/** Puts a text on the clipboard. Call from a press: browsers allow it only then. @returns false when it was refused */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copyByEvent(text)
  }
}

/** The desktop app grants no permissions, clipboard included; the copy command of a user's own press needs none. */
function copyByEvent(text: string): boolean {
  let taken = false
  const fill = (event: ClipboardEvent): void => {
    event.clipboardData?.setData('text/plain', text)
    event.preventDefault()
    taken = event.clipboardData !== null
  }
  document.addEventListener('copy', fill, { once: true })
  const copied = document.execCommand('copy')
  document.removeEventListener('copy', fill)
  return copied && taken
}
