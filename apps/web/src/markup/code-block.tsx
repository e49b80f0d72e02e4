import { Fragment, memo, type ReactNode, useEffect, useRef, useState } from "react";
import { IconButton } from "../components/forms/button.tsx";
import { VisuallyHidden } from "../components/indicators/visually-hidden.tsx";
import { useI18n } from "../i18n/i18n.ts";
import styles from "./code-block.module.css";
import { findCodeLanguage } from "./code-names.ts";
import type { CodePiece } from "./highlight.ts";

type Highlighter = typeof import("./code-highlighter.ts").codeHighlighter;
let highlighter: Highlighter | undefined;

interface CodeBlockProps {
  readonly text: string;
  /** As written after the fence; "" for none. */
  readonly language: string;
}

/** A block of code with its colors and a button that copies it. */
export const CodeBlock = memo(function CodeBlock({ text, language }: CodeBlockProps) {
  const pieces = useHighlighting(text, language);
  const code = useRef<HTMLElement>(null);
  return (
    <div className={styles.frame}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long line scrolls, so the keyboard must reach it. */}
      <pre className={styles.block} dir="ltr" data-language={language || undefined} tabIndex={0}>
        <code ref={code}>{pieces === undefined ? text : pieces.map(renderPiece)}</code>
      </pre>
      <CopyButton text={text} code={code} />
    </div>
  );
});

function renderPiece({ text, kind }: CodePiece, index: number): ReactNode {
  if (kind === "") return <Fragment key={index}>{text}</Fragment>;
  return (
    <span key={index} className={styles[kind]}>
      {text}
    </span>
  );
}

/** Returns the code in pieces with colors; undefined while they are not known, and for code without any. */
function useHighlighting(text: string, language: string): readonly CodePiece[] | undefined {
  const [, setRounds] = useState(0);
  const pieces = findKnownPieces(text, language);
  useEffect(() => {
    // As it was rendered: another block may have loaded the highlighter since.
    if (pieces !== null) return;
    let cancelled = false;
    async function load(): Promise<void> {
      highlighter ??= (await import("./code-highlighter.ts")).codeHighlighter;
      await highlighter.highlight(text, language);
      if (!cancelled) setRounds((rounds) => rounds + 1);
    }
    // Where it cannot be loaded, the code stays without colors.
    load().catch(() => {});
    return () => {
      cancelled = true;
    };
  }, [text, language, pieces]);
  return pieces ?? undefined;
}

/** Returns null for what is not known yet, and undefined for code without colors. */
function findKnownPieces(text: string, language: string): readonly CodePiece[] | null | undefined {
  if (findCodeLanguage(language) === undefined) return undefined;
  return highlighter === undefined ? null : highlighter.getCached(text, language);
}

const CONFIRMATION_MS = 2_000;

interface CopyButtonProps {
  readonly text: string;
  readonly code: React.RefObject<HTMLElement | null>;
}

function CopyButton({ text, code }: CopyButtonProps) {
  const { t } = useI18n();
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), CONFIRMATION_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);

  function copy(): void {
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      // The browser does not allow it; selected, it is copied with the browser's own key.
      () => code.current !== null && getSelection()?.selectAllChildren(code.current),
    );
  }

  return (
    <div className={styles.copy} data-copied={isCopied || undefined}>
      <IconButton icon={isCopied ? "check" : "copy"} size="small" label={t("message.copyCode")} onClick={copy} />
      <span role="status">
        <VisuallyHidden>{isCopied ? t("message.codeCopied") : ""}</VisuallyHidden>
      </span>
    </div>
  );
}
