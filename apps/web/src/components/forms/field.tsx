import {
  type InputHTMLAttributes,
  type ReactNode,
  type RefObject,
  useId,
  useLayoutEffect,
  useReducer,
  useRef,
} from "react";
import { Icon } from "../indicators/icon.tsx";
import { limitChars } from "./char-limit.ts";
import styles from "./field.module.css";

interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  readonly label: string;
  readonly hint?: string | undefined;
  /** What is wrong with the input, and what is expected. */
  readonly problem?: string | undefined;
  readonly inputRef?: RefObject<HTMLInputElement | null>;
  /** In code points. */
  readonly maxChars?: number;
}

export function Field({ label, hint, problem, inputRef, autoFocus, maxChars, onChange, ...rest }: FieldProps) {
  const id = useId();
  const ownRef = useRef<HTMLInputElement>(null);
  const input = inputRef ?? ownRef;
  // The attribute of this name applies to elements that come with the document only.
  useLayoutEffect(() => {
    if (autoFocus) input.current?.focus();
  }, [autoFocus, input]);
  // After a refusal the user corrects the first field that has to change.
  const isRefused = problem !== undefined;
  useLayoutEffect(() => {
    const field = input.current;
    if (isRefused && field?.form?.querySelector("[aria-invalid]") === field) field?.focus();
  }, [isRefused, input]);
  const note = problem ?? hint;
  return (
    <div className={styles.field}>
      <label className={styles.label} htmlFor={id}>
        {label}
      </label>
      <input
        {...rest}
        {...limitChars(maxChars, onChange)}
        ref={input}
        id={id}
        className={styles.input}
        // An empty field has the direction of the page's language.
        dir={rest.value === undefined || rest.value === "" ? undefined : "auto"}
        aria-invalid={isRefused || undefined}
        aria-describedby={note === undefined ? undefined : `${id}-note`}
      />
      {note !== undefined && (
        <p id={`${id}-note`} className={styles.note} data-problem={isRefused || undefined}>
          {note}
        </p>
      )}
    </div>
  );
}

interface CheckProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "type"> {
  readonly label: ReactNode;
  readonly hint?: string | undefined;
  /** Renders a switch: the setting applies at once, without submitting a form. */
  readonly instant?: boolean;
}

export function Checkbox({ label, hint, instant, onChange, ...rest }: CheckProps) {
  const id = useId();
  const showState = useShowState();
  return (
    <div className={styles.check}>
      <input
        {...rest}
        id={id}
        type="checkbox"
        role={instant ? "switch" : undefined}
        className={instant ? styles.switch : styles.box}
        aria-describedby={hint === undefined ? undefined : `${id}-note`}
        onChange={(event) => {
          onChange?.(event);
          showState();
        }}
      />
      <div>
        <label htmlFor={id}>{label}</label>
        {hint !== undefined && (
          <p id={`${id}-note`} className={styles.note}>
            {hint}
          </p>
        )}
      </div>
    </div>
  );
}

/**
 * Returns a function that renders again. An input that the user has changed shows its own state, even if the change was refused;
 * rendering shows the state that it should have.
 */
function useShowState(): () => void {
  const [, render] = useReducer((count: number) => count + 1, 0);
  return render;
}

interface RadioGroupProps<T extends string> {
  readonly legend: string;
  readonly options: readonly { readonly value: T; readonly label: string }[];
  readonly value: T;
  readonly onChoose: (value: T) => void;
}

/** A choice of few options, side by side. */
export function RadioGroup<T extends string>({ legend, options, value, onChoose }: RadioGroupProps<T>) {
  const name = useId();
  const showState = useShowState();
  return (
    <fieldset className={styles.choice}>
      <legend className={styles.label}>{legend}</legend>
      <div className={styles.options}>
        {options.map((option) => (
          <label key={option.value} className={styles.option}>
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => {
                onChoose(option.value);
                showState();
              }}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

interface SelectProps<T extends string> {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly options: readonly { readonly value: T; readonly label: string }[];
  readonly value: T;
  readonly onChoose: (value: T) => void;
}

/** A choice of more options than fit side by side. */
export function Select<T extends string>({ label, hint, options, value, onChoose }: SelectProps<T>) {
  const id = useId();
  const showState = useShowState();
  return (
    <div className={styles.field}>
      <label className={styles.label} htmlFor={id}>
        {label}
      </label>
      <select
        id={id}
        className={styles.input}
        value={value}
        aria-describedby={hint === undefined ? undefined : `${id}-note`}
        onChange={(event) => {
          const chosen = options.find((option) => option.value === event.target.value);
          if (chosen !== undefined) onChoose(chosen.value);
          showState();
        }}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      {hint !== undefined && (
        <p id={`${id}-note`} className={styles.note}>
          {hint}
        </p>
      )}
    </div>
  );
}

/** Shows the error of a whole form; screen readers announce it when it appears. */
export function Problem({ children }: { readonly children: ReactNode }) {
  return (
    <div role="alert" className={styles.problem} data-shown={children !== undefined || undefined}>
      {children !== undefined && (
        <>
          <Icon name="warning" small />
          <span>{children}</span>
        </>
      )}
    </div>
  );
}
