/** Policy text → checked revision. */
export { checkRevision, type RevisionCheck } from './check-revision.ts';
export { revisionHash } from './revision-hash.ts';
