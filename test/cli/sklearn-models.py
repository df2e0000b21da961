"""Models of scikit-learn as ONNX files, for test/cli/model-pack.test.ts: sklearn-models.py OUT < rows of "age,tenure,vip,answer"."""
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

out = sys.argv[1]
table = np.array([[float(cell) for cell in line.split(",")] for line in sys.stdin.read().split()], dtype=np.float32)
x, y = table[:, :-1], table[:, -1].astype(int)
IMPORTS = [helper.make_opsetid("", 13), helper.make_opsetid("ai.onnx.ml", 2)]


def info(name, kind, shape):
    return helper.make_tensor_value_info(name, kind, shape)


def save(name, nodes, inputs, outputs, initializers=()):
    graph = helper.make_graph(nodes, "model", inputs, outputs, list(initializers))
    onnx.save(helper.make_model(graph, opset_imports=IMPORTS, ir_version=8), f"{out}/{name}.onnx")


scaler = StandardScaler().fit(x)
logistic = LogisticRegression().fit(scaler.transform(x), y)
scale = helper.make_node("Scaler", ["input"], ["scaled"], domain="ai.onnx.ml", offset=scaler.mean_.tolist(), scale=(1 / scaler.scale_).tolist())
linear = helper.make_node(
    "LinearClassifier", ["scaled"], ["label", "raw"], domain="ai.onnx.ml", classlabels_ints=[0, 1],
    coefficients=[*(-logistic.coef_[0]).tolist(), *logistic.coef_[0].tolist()],
    intercepts=[-float(logistic.intercept_[0]), float(logistic.intercept_[0])], post_transform="LOGISTIC", multi_class=0,
)
plain = [scale, linear, helper.make_node("Normalizer", ["raw"], ["probabilities"], domain="ai.onnx.ml", norm="L1")]
answers = [info("label", TensorProto.INT64, [None]), info("probabilities", TensorProto.FLOAT, [None, 2])]
save("free-batch", plain, [info("input", TensorProto.FLOAT, [None, 3])], answers)
save("one-row", plain, [info("input", TensorProto.FLOAT, [1, 3])],
     [info("label", TensorProto.INT64, [1]), info("probabilities", TensorProto.FLOAT, [1, 2])])

# As converters write it by default: probabilities as a list of maps, which no desk reads.
maps = helper.make_node("ZipMap", ["probabilities"], ["output_probability"], domain="ai.onnx.ml", classlabels_int64s=[0, 1])
listed = onnx.ValueInfoProto(name="output_probability")
kind = listed.type.sequence_type.elem_type.map_type
kind.key_type = TensorProto.INT64
kind.value_type.tensor_type.elem_type = TensorProto.FLOAT
save("zipmap", [*plain, maps], [info("input", TensorProto.FLOAT, [None, 3])], [answers[0], listed])

# One input a column, whole numbers among them.
parts = [helper.make_node("Cast", [name], [f"{name}_float"], to=TensorProto.FLOAT) for name in ("tenure", "vip")]
joined = helper.make_node("Concat", ["age", "tenure_float", "vip_float"], ["input"], axis=1)
save("whole-numbers", [*parts, joined, *plain],
     [info("age", TensorProto.FLOAT, [None, 1]), info("tenure", TensorProto.INT64, [None, 1]), info("vip", TensorProto.INT64, [None, 1])], answers)

boosted = GradientBoostingClassifier(n_estimators=30, max_depth=3, random_state=1).fit(x, y)
lists = {key: [] for key in ("treeids", "nodeids", "featureids", "values", "modes", "truenodeids", "falsenodeids")}
leaves = {key: [] for key in ("treeids", "nodeids", "ids", "weights")}
for number, tree in enumerate(estimator[0].tree_ for estimator in boosted.estimators_):
    for node in range(tree.node_count):
        leaf = tree.children_left[node] < 0
        for key, value in zip(lists, (number, node, 0 if leaf else int(tree.feature[node]), 0.0 if leaf else float(np.float32(tree.threshold[node])),
                                      "LEAF" if leaf else "BRANCH_LEQ", 0 if leaf else int(tree.children_left[node]), 0 if leaf else int(tree.children_right[node]))):
            lists[key].append(value)
        if leaf:
            for key, value in zip(leaves, (number, node, 0, float(tree.value[node][0][0]) * boosted.learning_rate)):
                leaves[key].append(value)
prior = float(np.log(y.mean() / (1 - y.mean())))
trees = helper.make_node("TreeEnsembleRegressor", ["input"], ["sum"], domain="ai.onnx.ml", n_targets=1, base_values=[prior],
                         **{f"nodes_{key}": value for key, value in lists.items()}, **{f"target_{key}": value for key, value in leaves.items()})
save("trees", [trees], [info("input", TensorProto.FLOAT, [None, 3])], [info("sum", TensorProto.FLOAT, [None, 1])])

# What scikit-learn itself says of the first rows.
said = np.column_stack([logistic.predict_proba(scaler.transform(x))[:, 1], boosted.predict_proba(x)[:, 1]])[:200]
np.savetxt(f"{out}/said.csv", said, delimiter=",", fmt="%.9f")
