import { Kind, type GraphQLResolveInfo, type SelectionSetNode } from 'graphql';

type Info = Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>;

/** Whether a field below the one that is resolved may be asked for, such as `['edges', 'reasons']`; directives are not looked at. */
export function maySelect({ fieldNodes, fragments }: Info, path: readonly string[]): boolean {
  return fieldNodes.some(({ selectionSet }) => selectionSet !== undefined && reaches(selectionSet, path, fragments));
}

function reaches({ selections }: SelectionSetNode, path: readonly string[], fragments: Info['fragments']): boolean {
  const [name, ...rest] = path;
  return selections.some((selection) => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      const fragment = fragments[selection.name.value];
      return fragment !== undefined && reaches(fragment.selectionSet, path, fragments);
    }
    if (selection.kind === Kind.INLINE_FRAGMENT) return reaches(selection.selectionSet, path, fragments);
    if (selection.name.value !== name) return false;
    return rest.length === 0 || (selection.selectionSet !== undefined && reaches(selection.selectionSet, rest, fragments));
  });
}
