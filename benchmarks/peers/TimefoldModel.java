import ai.timefold.solver.core.api.domain.entity.PlanningEntity;
import ai.timefold.solver.core.api.domain.lookup.PlanningId;
import ai.timefold.solver.core.api.domain.solution.PlanningEntityCollectionProperty;
import ai.timefold.solver.core.api.domain.solution.PlanningScore;
import ai.timefold.solver.core.api.domain.solution.PlanningSolution;
import ai.timefold.solver.core.api.domain.valuerange.ValueRangeProvider;
import ai.timefold.solver.core.api.domain.variable.PlanningVariable;
import ai.timefold.solver.core.api.score.buildin.bendablelong.BendableLongScore;
import ai.timefold.solver.core.api.score.calculator.IncrementalScoreCalculator;
import ai.timefold.solver.core.api.score.director.ScoreDirector;
import ai.timefold.solver.core.api.solver.SolverFactory;
import ai.timefold.solver.core.config.solver.EnvironmentMode;
import ai.timefold.solver.core.config.solver.SolverConfig;
import ai.timefold.solver.core.config.solver.termination.TerminationConfig;
import ai.timefold.solver.core.impl.heuristic.move.AbstractSimplifiedMove;
import ai.timefold.solver.core.impl.heuristic.selector.move.factory.MoveIteratorFactory;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * The planning model of the peer Timefold, and the process that searches:
 * java TimefoldModel.java NUMBERS ANSWER UNTIL SEED CONFIGURATION.
 *
 * Each agent is an entity whose variable is one of its own options, or none. The score has one hard level, by how much
 * rows are broken, and a soft level for each goal. NUMBERS is what timefold.py says of a problem, UNTIL the end of the
 * search in milliseconds since 1970, ANSWER gets the levels of the best score in one line, then the chosen options.
 */
public class TimefoldModel {

    /** Soft levels; of a problem with fewer goals the last ones stay 0. */
    static final int GOALS = 3;

    /** Beyond, a side of a row is no side. */
    static final long FAR = 1L << 61;

    /** The problem: columns are options, then auxiliaries; what lies from start[i] to start[i + 1] belongs to i. */
    static final class Numbers {
        final int agents;
        final int goals;
        final int[] agent;
        final long[][] worth;
        final long[] lower;
        final long[] upper;
        final long[] unit;
        final int[] start;
        final int[] row;
        final long[] value;
        final long[] most;
        final int[] towards;
        final int[] definedStart;
        final int[] definedRow;
        final long[] definedBy;
        final int[] defines;
        final int[] many;
        final int[] gatheringStart;
        final int[] gathered;
        final Choice[] choices;
        final int[] place;

        Numbers(LongBuffer from) {
            int[] sizes = small(from);
            agents = sizes[0];
            goals = sizes[1];
            agent = small(from);
            worth = new long[goals][];
            for (int goal = 0; goal < goals; goal++) {
                worth[goal] = large(from);
            }
            lower = large(from);
            upper = large(from);
            unit = large(from);
            start = small(from);
            row = small(from);
            value = large(from);
            most = large(from);
            towards = small(from);
            definedStart = small(from);
            definedRow = small(from);
            definedBy = large(from);
            many = small(from);
            gatheringStart = small(from);
            gathered = small(from);
            defines = new int[lower.length];
            Arrays.fill(defines, -1);
            for (int auxiliary = 0; auxiliary < most.length; auxiliary++) {
                for (int at = definedStart[auxiliary]; at < definedStart[auxiliary + 1]; at++) {
                    defines[definedRow[at]] = auxiliary;
                }
            }
            choices = new Choice[agent.length];
            place = new int[agents];
        }

        private static long[] large(LongBuffer from) {
            long[] array = new long[(int) from.get()];
            from.get(array);
            return array;
        }

        private static int[] small(LongBuffer from) {
            return Arrays.stream(large(from)).mapToInt(Math::toIntExact).toArray();
        }
    }

    /** An option. */
    public record Choice(int number) {}

    /** An agent with the options to choose from. */
    @PlanningEntity
    public static class Person {
        @PlanningId
        public int agent;

        @ValueRangeProvider
        public List<Choice> choices = new ArrayList<>();

        @PlanningVariable(allowsUnassigned = true)
        public Choice choice;
    }

    /** Everybody who has an option. */
    @PlanningSolution
    public static class Plan {
        public Numbers numbers;

        @PlanningEntityCollectionProperty
        public List<Person> people = new ArrayList<>();

        @PlanningScore(bendableHardLevelsSize = 1, bendableSoftLevelsSize = GOALS)
        public BendableLongScore score;
    }

    /** Keeps the sum of every row and the value of every auxiliary, move by move. */
    public static class Ledger implements IncrementalScoreCalculator<Plan, BendableLongScore> {
        private Numbers numbers;
        private long[] activity;
        private long[] auxiliary;
        private long broken;
        private final long[] gained = new long[GOALS];

        @Override
        public void resetWorkingSolution(Plan plan) {
            numbers = plan.numbers;
            activity = new long[numbers.lower.length];
            auxiliary = new long[numbers.most.length];
            Arrays.fill(gained, 0);
            broken = 0;
            for (int row = 0; row < activity.length; row++) {
                broken += breach(row);
            }
            for (int each = 0; each < auxiliary.length; each++) {
                follow(each);
            }
            for (Person person : plan.people) {
                afterVariableChanged(person, "choice");
            }
        }

        @Override
        public void beforeVariableChanged(Object person, String variable) {
            Choice choice = ((Person) person).choice;
            if (choice != null) {
                add(choice.number(), -1);
            }
        }

        @Override
        public void afterVariableChanged(Object person, String variable) {
            Choice choice = ((Person) person).choice;
            if (choice != null) {
                add(choice.number(), 1);
            }
        }

        @Override
        public void beforeEntityAdded(Object person) {}

        @Override
        public void afterEntityAdded(Object person) {}

        @Override
        public void beforeEntityRemoved(Object person) {}

        @Override
        public void afterEntityRemoved(Object person) {}

        @Override
        public BendableLongScore calculateScore() {
            return BendableLongScore.of(new long[] {-broken}, gained.clone());
        }

        /** Add a column so many times. */
        private void add(int column, long times) {
            for (int goal = 0; goal < numbers.goals; goal++) {
                gained[goal] += times * numbers.worth[goal][column];
            }
            for (int at = numbers.start[column]; at < numbers.start[column + 1]; at++) {
                int row = numbers.row[at];
                broken -= breach(row);
                activity[row] += times * numbers.value[at];
                broken += breach(row);
                if (column < numbers.agent.length && numbers.defines[row] >= 0) {
                    follow(numbers.defines[row]);
                }
            }
        }

        /** By how much a row is broken, in units of its largest entry. */
        private long breach(int row) {
            long missing = Math.max(activity[row] - numbers.upper[row], numbers.lower[row] - activity[row]);
            return missing <= 0 ? 0 : (missing + numbers.unit[row] - 1) / numbers.unit[row];
        }

        /** Give an auxiliary the least (or the largest) value that its rows allow. */
        private void follow(int which) {
            long old = auxiliary[which];
            long low = 0;
            long high = numbers.most[which];
            for (int at = numbers.definedStart[which]; at < numbers.definedStart[which + 1]; at++) {
                int row = numbers.definedRow[at];
                long by = numbers.definedBy[at];
                long rest = activity[row] - by * old;
                boolean bounded = numbers.lower[row] > -FAR;
                if (bounded && by > 0) {
                    low = Math.max(low, -Math.floorDiv(rest - numbers.lower[row], by));
                } else if (bounded) {
                    high = Math.min(high, Math.floorDiv(numbers.lower[row] - rest, by));
                }
                bounded = numbers.upper[row] < FAR;
                if (bounded && by > 0) {
                    high = Math.min(high, Math.floorDiv(numbers.upper[row] - rest, by));
                } else if (bounded) {
                    low = Math.max(low, -Math.floorDiv(rest - numbers.upper[row], by));
                }
            }
            long now = numbers.towards[which] < 0 ? low : high;
            if (now != old) {
                auxiliary[which] = now;
                broken += Math.max(0, now - numbers.most[which]) - Math.max(0, old - numbers.most[which]);
                add(numbers.agent.length + which, now - old);
            }
        }
    }

    /** Several people take options of one gathering at once: alone, none of them would be allowed there. */
    public static class Together implements MoveIteratorFactory<Plan, Gather> {

        @Override
        public long getSize(ScoreDirector<Plan> director) {
            return director.getWorkingSolution().numbers.gathered.length;
        }

        @Override
        public Iterator<Gather> createOriginalMoveIterator(ScoreDirector<Plan> director) {
            return createRandomMoveIterator(director, new Random(0));
        }

        @Override
        public Iterator<Gather> createRandomMoveIterator(ScoreDirector<Plan> director, Random random) {
            Plan plan = director.getWorkingSolution();
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return true;
                }

                @Override
                public Gather next() {
                    return drawn(plan, random);
                }
            };
        }

        /** As many different people as the gathering needs, option by option. */
        private static Gather drawn(Plan plan, Random random) {
            Numbers numbers = plan.numbers;
            int which = random.nextInt(numbers.many.length);
            int first = numbers.gatheringStart[which];
            int size = numbers.gatheringStart[which + 1] - first;
            Map<Person, Choice> drawn = new LinkedHashMap<>();
            for (int tries = 0; drawn.size() < numbers.many[which] && tries < 10 * size; tries++) {
                int option = numbers.gathered[first + random.nextInt(size)];
                Person person = plan.people.get(numbers.place[numbers.agent[option]]);
                drawn.putIfAbsent(person, numbers.choices[option]);
            }
            return new Gather(List.copyOf(drawn.keySet()), List.copyOf(drawn.values()));
        }
    }

    /** The move. */
    @SuppressWarnings("removal")
    public static class Gather extends AbstractSimplifiedMove<Plan> {
        private final List<Person> people;
        private final List<Choice> choices;

        Gather(List<Person> people, List<Choice> choices) {
            this.people = people;
            this.choices = choices;
        }

        @Override
        public boolean isMoveDoable(ScoreDirector<Plan> director) {
            for (int each = 0; each < people.size(); each++) {
                if (people.get(each).choice != choices.get(each)) {
                    return true;
                }
            }
            return false;
        }

        @Override
        protected void doMoveOnGenuineVariables(ScoreDirector<Plan> director) {
            for (int each = 0; each < people.size(); each++) {
                director.beforeVariableChanged(people.get(each), "choice");
                people.get(each).choice = choices.get(each);
                director.afterVariableChanged(people.get(each), "choice");
            }
        }

        @Override
        public Collection<Person> getPlanningEntities() {
            return people;
        }

        @Override
        public Collection<Choice> getPlanningValues() {
            return choices;
        }
    }

    /** Everybody with an option, nobody placed. */
    static Plan empty(Numbers numbers) {
        Plan plan = new Plan();
        plan.numbers = numbers;
        Person[] people = new Person[numbers.agents];
        for (int option = 0; option < numbers.agent.length; option++) {
            int agent = numbers.agent[option];
            if (people[agent] == null) {
                people[agent] = new Person();
                people[agent].agent = agent;
                numbers.place[agent] = plan.people.size();
                plan.people.add(people[agent]);
            }
            numbers.choices[option] = new Choice(option);
            people[agent].choices.add(numbers.choices[option]);
        }
        return plan;
    }

    public static void main(String[] arguments) throws Exception {
        // The configuration names classes of this file, which only the loader of a program started from its source knows.
        Thread.currentThread().setContextClassLoader(TimefoldModel.class.getClassLoader());
        byte[] content = Files.readAllBytes(Path.of(arguments[0]));
        Plan plan = empty(new Numbers(ByteBuffer.wrap(content).asLongBuffer()));
        SolverConfig config = SolverConfig.createFromXmlFile(Path.of(arguments[4]).toFile())
                .withSolutionClass(Plan.class)
                .withEntityClasses(Person.class)
                .withEnvironmentMode(EnvironmentMode.NO_ASSERT)
                .withRandomSeed(Long.parseLong(arguments[3]));
        long left = Math.max(1000, Long.parseLong(arguments[2]) - System.currentTimeMillis());
        config.withTerminationConfig(new TerminationConfig().withSpentLimit(Duration.ofMillis(left)));
        Plan found = SolverFactory.<Plan>create(config).buildSolver().solve(plan);
        String levels = Arrays.stream(found.score.toLevelNumbers()).map(String::valueOf).collect(Collectors.joining(" "));
        String chosen = found.people.stream()
                .filter(person -> person.choice != null)
                .map(person -> person.choice.number() + "\n")
                .collect(Collectors.joining());
        Files.writeString(Path.of(arguments[1]), levels + "\n" + chosen);
        System.exit(0);
    }
}
