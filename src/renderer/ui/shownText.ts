/** A URL, which stays; or a path with at least two parts, on any system. */
const URL_OR_PATH = /\w+:\/\/\S+|(?<![\w/\\.])(?:[A-Za-z]:)?(?:[\\/][^\s\\/:"'<>|*?,;()]+){2,}[\\/]?/g

/** Takes the folders out of a text: where a file lies on the server means nothing to somebody at a browser. */
export function fileNamesOnly(text: string): string {
  return text.replace(URL_OR_PATH, (found) => {
    if (/^\w+:\/\//.test(found)) return found
    return found.split(/[\\/]/).findLast((part) => !/^\.*$/.test(part)) ?? found
  })
}

/** A message as the screen shows it: on the desktop as it is, in browser mode without the server's folders. */
export function shownText(text: string): string {
  return typeof window === 'undefined' || window.studio !== undefined ? text : fileNamesOnly(text)
}
