import { Kind, type GraphQLResolveInfo, type SelectionSetNode } from 'graphql';

type Info = Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>;

/** Whether a field below the one that is resolved may be asked for, such as `['edges', 'reasons']`; directives are not looked at. */
export function maySelect({ fieldNodes, fragments }: Info, path: readonly string[]): boolean {
  const within = { fragments, seen: new Set<string>() };
  return fieldNodes.some(({ selectionSet }) => selectionSet !== undefined && reaches(selectionSet, path, within));
}

interface Within {
  readonly fragments: Info['fragments'];
  /** Fragments that were looked through, each with how much of the path was left. */
  readonly seen: Set<string>;
}

function reaches({ selections }: SelectionSetNode, path: readonly string[], within: Within): boolean {
  const [name, ...rest] = path;
  return selections.some((selection) => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      const spread = `${selection.name.value} ${path.length}`;
      const fragment = within.fragments[selection.name.value];
      // Once: spreads of spreads would grow without end.
      if (fragment === undefined || within.seen.has(spread)) return false;
      within.seen.add(spread);
      return reaches(fragment.selectionSet, path, within);
    }
    if (selection.kind === Kind.INLINE_FRAGMENT) return reaches(selection.selectionSet, path, within);
    if (selection.name.value !== name) return false;
    return rest.length === 0 || (selection.selectionSet !== undefined && reaches(selection.selectionSet, rest, within));
  });
}
