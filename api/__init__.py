"""The service: partners load capacities and candidates, coordinators run rounds, analysts measure.

    web       routes, one file per resource, thin: HTTP in, domain call, HTTP out
    commands  `matcher serve`, `worker`, `users`, `keys`, `backup`, `restore`, `audit`
    runs      the queue of runs, the workers that take them, the child processes that solve, what came out
    rounds    a round's life, its tables as partners upload them, snapshots, what each role may see of it
    access    roles, users, keys, log-in, and the one table of who may do what
    store     the database: tables, sessions, migrations, the hash-chained audit log

Each of these imports only those below it.
"""
