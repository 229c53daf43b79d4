/**
 * Whether two words differ by at most one letter: one too many, one missing, one wrong, or two neighbours
 * that changed places. People who type on a telephone make these errors.
 */
export function oneLetterOff(one: string, other: string): boolean {
  if (Math.abs(one.length - other.length) > 1) return false;
  let head = 0;
  while (head < one.length && one[head] === other[head]) head++;
  const rest = one.slice(head);
  const otherRest = other.slice(head);
  return (
    rest.slice(1) === otherRest.slice(1) ||
    rest.slice(1) === otherRest ||
    rest === otherRest.slice(1) ||
    (rest[0] === otherRest[1] && rest[1] === otherRest[0] && rest.slice(2) === otherRest.slice(2))
  );
}
