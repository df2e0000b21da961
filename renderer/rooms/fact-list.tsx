interface Fact {
  readonly label: string;
  readonly value: string;
}

/** Words that came from elsewhere, a row each. */
export const FactList = ({ facts }: { readonly facts: readonly Fact[] }) => (
  <dl className="facts">
    {facts.map(({ label, value }, place) => (
      <div key={`${label} ${place}`}>
        <dt>
          <bdi>{label}</bdi>
        </dt>
        <dd>
          <bdi>{value}</bdi>
        </dd>
      </div>
    ))}
  </dl>
);
