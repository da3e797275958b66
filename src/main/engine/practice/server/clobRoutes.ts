import { z } from 'zod'

import type { PolymarketFace } from '../source.ts'
import { jsonAnswer, textAnswer, type HttpAnswer } from './httpExchange.ts'

const MAX_BOOKS = 500
const booksBody = z.array(z.object({ token_id: z.string() })).max(MAX_BOOKS)

/** CLOB `GET /book?token_id=`. */
export function clobBook(face: PolymarketFace, query: URLSearchParams): HttpAnswer {
  const tokenId = query.get('token_id')
  if (tokenId === null || tokenId === '') return jsonAnswer(400, { error: 'Invalid token id' })
  const book = face.book(tokenId)
  return book === undefined ? jsonAnswer(404, { error: 'No orderbook exists for the requested token id' }) : textAnswer(book)
}

/** CLOB `POST /books` with `[{"token_id":".."}]`: unknown tokens are simply missing in the answer. */
export function clobBooks(face: PolymarketFace, body: unknown): HttpAnswer {
  const asked = booksBody.safeParse(body)
  if (!asked.success)
    return jsonAnswer(400, { error: `Invalid payload: an array of at most ${MAX_BOOKS} {"token_id"} objects was expected` })
  const books = asked.data.map(({ token_id: tokenId }) => face.book(tokenId)).filter((book) => book !== undefined)
  return textAnswer(`[${books.join(',')}]`)
}
