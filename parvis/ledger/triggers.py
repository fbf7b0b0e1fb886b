"""The triggers that make the ledger append-only on both engines."""

_MESSAGE = "the ledger is append-only"

CREATE = {
    "sqlite": [
        f"CREATE TRIGGER ledger_entry_no_{verb.lower()} BEFORE {verb} ON ledger_entry "
        f"BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END"
        for verb in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        "CREATE FUNCTION ledger_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
        "CREATE TRIGGER ledger_entry_no_change BEFORE UPDATE OR DELETE ON ledger_entry "
        "FOR EACH ROW EXECUTE FUNCTION ledger_entry_refuse()",
    ],
}
DROP = {
    "sqlite": [f"DROP TRIGGER IF EXISTS ledger_entry_no_{verb}" for verb in ("update", "delete")],
    "postgresql": [
        "DROP TRIGGER IF EXISTS ledger_entry_no_change ON ledger_entry",
        "DROP FUNCTION IF EXISTS ledger_entry_refuse()",
    ],
}
