// Comments in the order of a conversation, each thread with a number and a place on the map.

import type { Position } from "geojson";
import { middleOf } from "./lines";
import type { PlanLayers } from "./rows";
import type { Comment } from "./types";

export interface Thread {
  /** On the map and in the list. */
  number: number;
  first: Comment;
  answers: Comment[];
}

/** Threads by age; an answer to an answer stands in the thread of the first comment. */
export function threadsOf(comments: Comment[]): Thread[] {
  const known = new Map(comments.map((comment) => [comment.comment_id, comment]));
  const firstOf = (comment: Comment): Comment => {
    const answered = comment.answers === null ? undefined : known.get(comment.answers);
    return answered ? firstOf(answered) : comment;
  };
  const threads = new Map<Comment, Thread>();
  for (const comment of comments) {
    const first = firstOf(comment);
    const thread = threads.get(first) ?? { number: threads.size + 1, first, answers: [] };
    threads.set(first, thread);
    if (comment !== first) thread.answers.push(comment);
  }
  return [...threads.values()];
}

/** Where a comment is pinned: its own place, or the middle of its barrier; null for neither. */
export function placeOf(
  { place, line_id }: Comment,
  { barriers }: Pick<PlanLayers, "barriers">,
): Position | null {
  if (place) return place.coordinates;
  const line = barriers.features.find((row) => row.properties.line_id === line_id);
  return line ? middleOf(line.geometry) : null;
}

/** Who answered can't be taken back from under: such a comment stays. */
export function isAnswered(comment: Comment, comments: Comment[]): boolean {
  return comments.some(({ answers }) => answers === comment.comment_id);
}
