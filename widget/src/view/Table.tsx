/** A table of an answer, which scrolls by itself where the panel is too narrow for it. */

import type { ComponentChildren } from "preact";
import type { Inline, Side } from "../markdown";
import { useWords } from "./locale";

interface Props {
  head: readonly Inline[][];
  rows: readonly Inline[][][];
  sides: readonly Side[];
  write(nodes: readonly Inline[]): ComponentChildren;
}

export function Table({ head, rows, sides, write }: Props) {
  return (
    <div class="table" role="region" aria-label={useWords().table} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {head.map((cell, at) => (
              <th key={at} scope="col" data-side={sides[at]}>
                {write(cell)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, number) => (
            <tr key={number}>
              {head.map((_, at) => (
                <td key={at} data-side={sides[at]}>
                  {write(row[at] ?? [])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
