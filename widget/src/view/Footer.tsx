/** One line that says what one is talking with. */

export function Footer({ disclosure }: { disclosure: string }) {
  return (
    <footer class="footer" dir="auto">
      {disclosure}
    </footer>
  );
}
