"""How fast each built bundle starts and answers under AWS's own runtime client, beside a bare handler."""
